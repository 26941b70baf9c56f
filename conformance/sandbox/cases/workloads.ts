// Workloads: defaults, ownership, validation, patches, scale.

import { type ApiCase, apply, get, mergeType, patch, post, put, strategicType } from "../api-case.ts";
import { apps, container, deployment, named, rich, selector, template, volumes, web } from "./manifests.ts";

export const workloadCases: ApiCase[] = [
  {
    name: "an applied Deployment is defaulted and owned field by field",
    steps: [apply(web, deployment({ replicas: 2 })), apply(web, deployment({ replicas: 2 }))],
  },
  {
    name: "a posted Deployment belongs to its poster with its defaults",
    steps: [post(`${apps}/deployments`, deployment())],
  },
  {
    name: "pods are defaulted inside a Deployment",
    steps: [apply(web, deployment({ template: template([rich], { volumes }) }))],
  },
  {
    name: "applying less removes containers, env and labels",
    steps: [
      apply(web, deployment({ template: template([rich, { name: "d", image: "i" }], { volumes }) })),
      apply(web, deployment({ template: template([{ ...rich, env: [], volumeMounts: [] }], {}) })),
    ],
  },
  {
    name: "an apply conflict names manager and fields",
    steps: [
      apply(web, deployment({ replicas: 2 })),
      apply(
        `${web}?fieldManager=other`,
        deployment({ replicas: 3, template: template([{ ...container, image: "nginx:2" }]) }),
      ),
      apply(`${web}?fieldManager=other&force=true`, deployment({ replicas: 3 })),
      apply(web, deployment({ replicas: 2 })),
    ],
  },
  {
    name: "an update takes fields from an applier",
    steps: [
      apply(web, deployment({ replicas: 2 })),
      patch(web, mergeType, { spec: { replicas: 5 } }),
      apply(web, deployment({ replicas: 2 })),
    ],
  },
  {
    name: "scale through the subresource",
    steps: [
      apply(web, deployment({ replicas: 2 })),
      get(`${web}/scale`),
      patch(`${web}/scale`, mergeType, { spec: { replicas: 4 } }),
      get(web),
      put(`${web}/scale`, {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name: "web", namespace: "{ns}" },
        spec: { replicas: 0 },
      }),
    ],
  },
  {
    name: "a Deployment without selector or containers",
    steps: [
      apply(web, { ...deployment(), spec: { template: template() } }),
      apply(web, { ...deployment(), spec: { selector, template: template([]) } }),
      post(`${apps}/deployments`, { ...deployment(), spec: {} }),
    ],
  },
  {
    name: "a selector that does not match, and one that changes",
    steps: [
      apply(web, deployment({ selector: { matchLabels: { app: "other" } } })),
      apply(web, deployment()),
      apply(
        web,
        deployment({
          selector: { matchLabels: { app: "b" } },
          template: { ...template(), metadata: { labels: { app: "b" } } },
        }),
      ),
    ],
  },
  {
    name: "unknown fields of a Deployment",
    steps: [
      apply(web, deployment({ replica: 1 })),
      post(`${apps}/deployments`, deployment({ replica: 1 })),
      post(`${apps}/deployments?fieldValidation=Strict`, {
        ...deployment({ replica: 1 }),
        metadata: { name: "web2", foo: 1 },
      }),
    ],
  },
  {
    name: "values of the wrong type",
    steps: [
      apply(web, deployment({ replicas: "two" })),
      post(`${apps}/deployments`, deployment({ replicas: "two" })),
      post(`${apps}/deployments`, deployment({ template: "x" })),
      patch(web, mergeType, { spec: { replicas: "x" } }),
    ],
  },
  {
    name: "bad names and labels",
    steps: [
      post(`${apps}/deployments`, { ...deployment(), metadata: { name: "Bad_Name" } }),
      post(`${apps}/deployments`, {
        ...deployment(),
        metadata: { name: "ok", labels: { "bad key!": "v", ok: "bad value!" } },
      }),
      post(`${apps}/deployments`, { ...deployment(), metadata: {} }),
    ],
  },
  {
    name: "containers with mistakes",
    steps: [
      apply(web, deployment({ template: template([{ name: "A b", image: "" }]) })),
      apply(
        web,
        deployment({ template: template([{ ...container, volumeMounts: [{ name: "none", mountPath: "/x" }] }]) }),
      ),
      apply(web, deployment({ template: template([{ ...container, ports: [{ containerPort: 70000 }] }]) })),
    ],
  },
  {
    name: "restart policies",
    steps: [apply(web, deployment({ template: template([container], { restartPolicy: "Never" }) }))],
  },
  {
    name: "a strategic merge patch merges by keys",
    steps: [
      post(`${apps}/deployments`, deployment({ template: template([rich], { volumes }) })),
      patch(web, strategicType, {
        spec: {
          template: {
            spec: {
              containers: [
                { name: "c", image: "nginx:2" },
                { name: "d", image: "i" },
              ],
            },
          },
        },
      }),
      patch(web, strategicType, {
        spec: {
          template: {
            spec: {
              containers: [{ name: "d", $patch: "delete" }],
              volumes: [{ name: "v", configMap: null, emptyDir: {} }],
            },
          },
        },
      }),
    ],
  },
  {
    name: "a StatefulSet",
    steps: [
      apply(
        `${apps}/statefulsets/x`,
        named("StatefulSet", "apps/v1", {
          spec: {
            serviceName: "x",
            selector,
            template: template(),
            volumeClaimTemplates: [
              {
                metadata: { name: "d" },
                spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
              },
            ],
          },
        }),
      ),
      patch(`${apps}/statefulsets/x`, mergeType, { spec: { serviceName: "y" } }),
    ],
  },
  {
    name: "a DaemonSet",
    steps: [
      apply(`${apps}/daemonsets/x`, named("DaemonSet", "apps/v1", { spec: { selector, template: template() } })),
      patch(`${apps}/daemonsets/x`, mergeType, { spec: { template: { metadata: { annotations: { a: "b" } } } } }),
    ],
  },
  {
    name: "a Job and a CronJob",
    steps: [
      post(
        "/apis/batch/v1/namespaces/{ns}/jobs",
        named("Job", "batch/v1", { spec: { template: template([container], { restartPolicy: "Never" }) } }),
      ),
      apply(
        "/apis/batch/v1/namespaces/{ns}/cronjobs/x",
        named("CronJob", "batch/v1", {
          spec: {
            schedule: "* * * * *",
            jobTemplate: { spec: { template: template([container], { restartPolicy: "OnFailure" }) } },
          },
        }),
      ),
    ],
  },
  {
    name: "a Job cannot change its template",
    steps: [
      apply(
        "/apis/batch/v1/namespaces/{ns}/jobs/x",
        named("Job", "batch/v1", { spec: { template: template([container], { restartPolicy: "Never" }) } }),
      ),
      apply(
        "/apis/batch/v1/namespaces/{ns}/jobs/x",
        named("Job", "batch/v1", {
          spec: { template: template([{ ...container, image: "other" }], { restartPolicy: "Never" }) },
        }),
      ),
    ],
  },
];
