// Default values that a server fills in, by the name of the type they belong to.
// Facts: k8s.io/kubernetes pkg/apis/*/v1/defaults.go (v1.36).

import { digString, isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";

/** Changes the object it is given. */
type Defaulter = (object: JsonObject) => void;

function set(object: JsonObject, key: string, value: JsonValue): void {
  const present = object[key];
  if (present === undefined || present === null) object[key] = value;
}

/** As `set`, where Go cannot tell the zero value from an absent one. */
function setZero(object: JsonObject, key: string, value: JsonValue): void {
  const present = object[key];
  if (present === undefined || present === null || present === "" || present === 0) object[key] = value;
}

function child(object: JsonObject, key: string): JsonObject {
  const present = own(object, key);
  const copy = isObject(present) ? { ...present } : {};
  object[key] = copy;
  return copy;
}

function items(object: JsonObject, key: string): JsonObject[] {
  const list = own(object, key);
  if (!Array.isArray(list)) return [];
  const copies = list.map((item) => (isObject(item) ? { ...item } : item));
  object[key] = copies;
  return copies.filter(isObject);
}

function isEmptyList(value: JsonValue | undefined): boolean {
  return !Array.isArray(value) || value.length === 0;
}

function pullPolicy(image: string): string {
  const rest = image.slice(image.lastIndexOf("/") + 1);
  if (rest.includes("@")) return "IfNotPresent";
  const colon = rest.lastIndexOf(":");
  return colon < 0 || rest.slice(colon + 1) === "latest" ? "Always" : "IfNotPresent";
}

function container(object: JsonObject): void {
  setZero(object, "imagePullPolicy", pullPolicy(digString(object, "image") ?? ""));
  setZero(object, "terminationMessagePath", "/dev/termination-log");
  setZero(object, "terminationMessagePolicy", "File");
}

const defaultMode: Defaulter = (object) => set(object, "defaultMode", 420);

const volumeSources = 2; // a volume with nothing but its name has no source
function volume(object: JsonObject): void {
  const sources = Object.keys(object).filter((key) => key !== "name" && object[key] !== null);
  if (sources.length === 0) object.emptyDir = {};
  if (sources.length < volumeSources && isObject(object.image)) {
    const image = child(object, "image");
    setZero(image, "pullPolicy", pullPolicy(digString(image, "reference") ?? ""));
  }
}

function podSpec(object: JsonObject): void {
  setZero(object, "dnsPolicy", "ClusterFirst");
  setZero(object, "restartPolicy", "Always");
  set(object, "securityContext", {});
  set(object, "terminationGracePeriodSeconds", 30);
  setZero(object, "schedulerName", "default-scheduler");
  const account = digString(object, "serviceAccountName") || digString(object, "serviceAccount");
  if (account) object.serviceAccount = object.serviceAccountName = account;
  if (object.hostNetwork === true) for (const key of ["containers", "initContainers"]) hostPorts(object, key);
}

function hostPorts(spec: JsonObject, key: string): void {
  for (const c of items(spec, key)) {
    for (const port of items(c, "ports")) setZero(port, "hostPort", port.containerPort ?? 0);
  }
}

function pod(object: JsonObject): void {
  const spec = child(object, "spec");
  set(spec, "enableServiceLinks", true);
  for (const key of ["containers", "initContainers"]) {
    for (const c of items(spec, key)) {
      const limits = isObject(c.resources) ? c.resources.limits : undefined;
      if (!isObject(limits)) continue;
      const requests = child(child(c, "resources"), "requests");
      for (const [name, value] of Object.entries(limits)) set(requests, name, value);
    }
  }
}

function probe(object: JsonObject): void {
  setZero(object, "timeoutSeconds", 1);
  setZero(object, "periodSeconds", 10);
  setZero(object, "successThreshold", 1);
  setZero(object, "failureThreshold", 3);
}

function serviceSpec(object: JsonObject): void {
  setZero(object, "sessionAffinity", "None");
  setZero(object, "type", "ClusterIP");
  if (object.sessionAffinity === "None") delete object.sessionAffinityConfig;
  if (object.sessionAffinity === "ClientIP")
    set(child(child(object, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds", 10800);
  for (const port of items(object, "ports")) {
    setZero(port, "protocol", "TCP");
    setZero(port, "targetPort", port.port ?? 0);
  }
  const type = object.type;
  const isExternal = type === "NodePort" || type === "LoadBalancer";
  const hasExternalIps = type === "ClusterIP" && !isEmptyList(object.externalIPs);
  if (isExternal || hasExternalIps) setZero(object, "externalTrafficPolicy", "Cluster");
  if (type !== "ExternalName") set(object, "internalTrafficPolicy", "Cluster");
  if (type === "LoadBalancer") set(object, "allocateLoadBalancerNodePorts", true);
}

function deployment(object: JsonObject): void {
  const spec = child(object, "spec");
  set(spec, "replicas", 1);
  const strategy = child(spec, "strategy");
  setZero(strategy, "type", "RollingUpdate");
  if (strategy.type === "RollingUpdate") {
    const rolling = child(strategy, "rollingUpdate");
    set(rolling, "maxUnavailable", "25%");
    set(rolling, "maxSurge", "25%");
  }
  set(spec, "revisionHistoryLimit", 10);
  set(spec, "progressDeadlineSeconds", 600);
}

function daemonSet(object: JsonObject): void {
  const spec = child(object, "spec");
  const strategy = child(spec, "updateStrategy");
  setZero(strategy, "type", "RollingUpdate");
  if (strategy.type === "RollingUpdate") {
    const rolling = child(strategy, "rollingUpdate");
    set(rolling, "maxUnavailable", 1);
    set(rolling, "maxSurge", 0);
  }
  set(spec, "revisionHistoryLimit", 10);
}

function statefulSet(object: JsonObject): void {
  const spec = child(object, "spec");
  setZero(spec, "podManagementPolicy", "OrderedReady");
  const strategy = child(spec, "updateStrategy");
  if (!strategy.type) {
    strategy.type = "RollingUpdate";
    child(strategy, "rollingUpdate");
  }
  if (strategy.type === "RollingUpdate" && isObject(strategy.rollingUpdate)) {
    const rolling = child(strategy, "rollingUpdate");
    set(rolling, "partition", 0);
  }
  const retention = child(spec, "persistentVolumeClaimRetentionPolicy");
  setZero(retention, "whenDeleted", "Retain");
  setZero(retention, "whenScaled", "Retain");
  set(spec, "replicas", 1);
  set(spec, "revisionHistoryLimit", 10);
  for (const claim of items(spec, "volumeClaimTemplates")) {
    setZero(claim, "kind", "PersistentVolumeClaim");
    setZero(claim, "apiVersion", "v1");
  }
}

const maxInt32 = 2147483647;

function jobSpec(spec: JsonObject): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  set(spec, "parallelism", 1);
  set(spec, "backoffLimit", spec.backoffLimitPerIndex === undefined ? 6 : maxInt32);
  set(spec, "completionMode", "NonIndexed");
  set(spec, "suspend", false);
  set(spec, "podReplacementPolicy", spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed");
  set(spec, "manualSelector", false);
}

function job(object: JsonObject): void {
  const spec = child(object, "spec");
  jobSpec(spec);
  const labels =
    isObject(spec.template) && isObject(spec.template.metadata) ? spec.template.metadata.labels : undefined;
  const own = isObject(object.metadata) ? object.metadata.labels : undefined;
  if (isObject(labels) && (!isObject(own) || Object.keys(own).length === 0))
    child(object, "metadata").labels = { ...labels };
}

function cronJob(object: JsonObject): void {
  const spec = child(object, "spec");
  setZero(spec, "concurrencyPolicy", "Allow");
  set(spec, "suspend", false);
  set(spec, "successfulJobsHistoryLimit", 3);
  set(spec, "failedJobsHistoryLimit", 1);
}

function persistentVolume(object: JsonObject): void {
  setZero(child(object, "status"), "phase", "Pending");
  const spec = child(object, "spec");
  setZero(spec, "persistentVolumeReclaimPolicy", "Retain");
  set(spec, "volumeMode", "Filesystem");
}

function namespace(object: JsonObject): void {
  const name = digString(object, "metadata", "name") ?? "";
  if (name !== "") child(child(object, "metadata"), "labels")["kubernetes.io/metadata.name"] = name;
  setZero(child(object, "status"), "phase", "Active");
}

function limitRangeItem(object: JsonObject): void {
  if (object.type !== "Container") return;
  const limits = child(object, "default");
  const requests = child(object, "defaultRequest");
  for (const [from, to] of [
    [object.max, limits],
    [limits, requests],
    [object.min, requests],
  ] as const) {
    if (isObject(from)) for (const [name, value] of Object.entries(from)) set(to, name, value);
  }
}

function networkPolicySpec(object: JsonObject): void {
  if (!isEmptyList(object.policyTypes)) return;
  object.policyTypes = isEmptyList(object.egress) ? ["Ingress"] : ["Ingress", "Egress"];
}

function autoscalerSpec(object: JsonObject): void {
  set(object, "minReplicas", 1);
  if (isEmptyList(object.metrics)) {
    const target = { type: "Utilization", averageUtilization: 80 };
    object.metrics = [{ type: "Resource", resource: { name: "cpu", target } }];
  }
  if (!isObject(object.behavior)) return;
  const behavior = child(object, "behavior");
  const percent = { type: "Percent", value: 100, periodSeconds: 15 };
  const up = child(behavior, "scaleUp");
  set(up, "stabilizationWindowSeconds", 0);
  set(up, "selectPolicy", "Max");
  set(up, "policies", [{ type: "Pods", value: 4, periodSeconds: 15 }, percent]);
  const down = child(behavior, "scaleDown");
  set(down, "selectPolicy", "Max");
  set(down, "policies", [percent]);
}

/** stringData is write-only: it ends up in data. */
function secret(object: JsonObject): void {
  setZero(object, "type", "Opaque");
  const texts = object.stringData;
  if (!isObject(texts)) return;
  const data = child(object, "data");
  for (const key of Object.keys(texts)) {
    const text = own(texts, key);
    if (typeof text === "string") setOwn(data, key, toBase64(text));
  }
  delete object.stringData;
}

function toBase64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

const rbacGroup = "rbac.authorization.k8s.io";

function binding(object: JsonObject): void {
  setZero(child(object, "roleRef"), "apiGroup", rbacGroup);
}

function subject(object: JsonObject): void {
  if (object.kind === "User" || object.kind === "Group") setZero(object, "apiGroup", rbacGroup);
}

function customResourceDefinition(object: JsonObject): void {
  const spec = child(object, "spec");
  const names = child(spec, "names");
  const kind = digString(names, "kind") ?? "";
  setZero(names, "singular", kind.toLowerCase());
  if (kind !== "") setZero(names, "listKind", `${kind}List`);
  set(spec, "conversion", { strategy: "None" });
  const status = child(object, "status");
  if (!isEmptyList(status.storedVersions)) return;
  const versions = Array.isArray(spec.versions) ? spec.versions : [];
  const storage = versions.find((version) => isObject(version) && version.storage === true);
  if (storage) status.storedVersions = [digString(storage, "name") ?? ""];
}

function webhook(object: JsonObject): void {
  set(object, "failurePolicy", "Fail");
  set(object, "matchPolicy", "Equivalent");
  set(object, "namespaceSelector", {});
  set(object, "objectSelector", {});
  set(object, "timeoutSeconds", 10);
}

const servicePort: Defaulter = (object) => set(object, "port", 443);

export const defaulters: Readonly<Record<string, Defaulter>> = {
  "core.v1.Container": container,
  "core.v1.EphemeralContainer": container,
  "core.v1.Volume": volume,
  "core.v1.PodSpec": podSpec,
  "core.v1.Pod": pod,
  "core.v1.Probe": probe,
  "core.v1.SecretVolumeSource": defaultMode,
  "core.v1.ConfigMapVolumeSource": defaultMode,
  "core.v1.DownwardAPIVolumeSource": defaultMode,
  "core.v1.ProjectedVolumeSource": defaultMode,
  "core.v1.ServiceAccountTokenProjection": (object) => set(object, "expirationSeconds", 3600),
  "core.v1.HostPathVolumeSource": (object) => set(object, "type", ""),
  "core.v1.HTTPGetAction": (object) => {
    setZero(object, "path", "/");
    setZero(object, "scheme", "HTTP");
  },
  "core.v1.ObjectFieldSelector": (object) => setZero(object, "apiVersion", "v1"),
  "core.v1.Secret": secret,
  "core.v1.ServiceSpec": serviceSpec,
  "core.v1.PersistentVolume": persistentVolume,
  "core.v1.PersistentVolumeClaim": (object) => setZero(child(object, "status"), "phase", "Pending"),
  "core.v1.PersistentVolumeClaimSpec": (object) => set(object, "volumeMode", "Filesystem"),
  "core.v1.Namespace": namespace,
  "core.v1.LimitRangeItem": limitRangeItem,
  "apps.v1.Deployment": deployment,
  "apps.v1.ReplicaSet": (object) => set(child(object, "spec"), "replicas", 1),
  "apps.v1.DaemonSet": daemonSet,
  "apps.v1.StatefulSet": statefulSet,
  "batch.v1.Job": job,
  "batch.v1.CronJob": cronJob,
  "networking.v1.NetworkPolicyPort": (object) => set(object, "protocol", "TCP"),
  "networking.v1.NetworkPolicySpec": networkPolicySpec,
  "networking.v1.IngressClassParametersReference": (object) => set(object, "scope", "Cluster"),
  "autoscaling.v2.HorizontalPodAutoscalerSpec": autoscalerSpec,
  "autoscaling.v1.HorizontalPodAutoscalerSpec": (object) => set(object, "minReplicas", 1),
  "rbac.v1.ClusterRoleBinding": binding,
  "rbac.v1.RoleBinding": binding,
  "rbac.v1.Subject": subject,
  "storage.v1.StorageClass": (object) => {
    set(object, "reclaimPolicy", "Delete");
    set(object, "volumeBindingMode", "Immediate");
  },
  "scheduling.v1.PriorityClass": (object) => set(object, "preemptionPolicy", "PreemptLowerPriority"),
  "admissionregistration.v1.ValidatingWebhook": webhook,
  "admissionregistration.v1.MutatingWebhook": (object) => {
    webhook(object);
    set(object, "reinvocationPolicy", "Never");
  },
  "admissionregistration.v1.RuleWithOperations": (object) => set(object, "scope", "*"),
  "admissionregistration.v1.ServiceReference": servicePort,
  "apiextensions.v1.ServiceReference": servicePort,
  "apiextensions.v1.CustomResourceDefinition": customResourceDefinition,
  "apiregistration.v1.ServiceReference": servicePort,
  "discovery.v1.EndpointPort": (object) => {
    set(object, "name", "");
    set(object, "protocol", "TCP");
  },
};
