// helmCharts of a build: rendered in process; only a chart that is not there yet is pulled by the helm program.

import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  checkReleaseName,
  defaultCapabilities,
  loadChart,
  mergeMaps,
  nameFromTemplate,
  parseKubeVersion,
  printChart,
  readValues,
  renderChart,
} from "@plumbline/core/helm";
import type { ChartSource, HelmOptions, HelmRequest, PulledChart } from "@plumbline/core/kustomize";
import { diskTree } from "../disk-tree.ts";
import { templateFunctions } from "../helm/template.ts";
import type { BuildFlags } from "./build-options.ts";
import { type RemoteRoots, runProgram } from "./remote-roots.ts";

const PULL_TIMEOUT_MS = 300_000;

/** For the flags `--enable-helm`, `--helm-command`, `--helm-api-versions`, `--helm-kube-version`. */
export function chartOptions(flags: BuildFlags, remote: RemoteRoots): HelmOptions {
  return {
    kubeVersion: flags.helmKubeVersion,
    apiVersions: flags.helmApiVersions,
    render: renderRequest,
    pull: (chart) => pullChart(chart, flags.helmCommand, remote),
  };
}

const gunzip = (bytes: Uint8Array, maxOutputLength: number): Uint8Array => gunzipSync(bytes, { maxOutputLength });

function renderRequest(request: HelmRequest): string {
  const functions = templateFunctions();
  const chart = loadChart(request.files, request.directory, { gunzip, absoluteLinks: true });
  const name = releaseName(request, functions);
  checkReleaseName(name);
  if (request.kubeVersion !== "") parseKubeVersion(request.kubeVersion);
  const values = request.values.reduce((merged, text) => mergeMaps(merged, readValues(text)), readValues(""));
  const release = { name, namespace: request.namespace || "default", isUpgrade: false };
  const rendered = renderChart(chart, values, release, {
    functions,
    capabilities: {
      kubeVersion: request.kubeVersion || defaultCapabilities.kubeVersion,
      apiVersions: [...defaultCapabilities.apiVersions, ...request.apiVersions],
    },
    skipSchemaValidation: false,
  });
  const { includeCrds, skipHooks: noHooks, skipTests } = request;
  return printChart(rendered, { includeCrds, noHooks, skipTests, showOnly: [] });
}

function releaseName(request: HelmRequest, functions: ReturnType<typeof templateFunctions>): string {
  if (request.nameTemplate !== "") return nameFromTemplate(request.nameTemplate, functions);
  if (request.releaseName !== "") return request.releaseName;
  return `${request.name}-${Math.floor(Date.now() / 1_000)}`;
}

function pullChart({ name, repo, version, devel }: ChartSource, helm: string, remote: RemoteRoots): PulledChart {
  const scratch = remote.scratch();
  const from = repo.startsWith("oci://") ? [`${repo.replace(/\/$/, "")}/${name}`] : ["--repo", repo, name];
  const flags = [...(version === "" ? [] : ["--version", version]), ...(devel ? ["--devel"] : [])];
  const args = ["pull", "--untar", "--untardir", join(scratch, "charts"), ...from, ...flags];
  runProgram({ program: helm, args, what: `pulling ${name}`, timeoutMs: PULL_TIMEOUT_MS });
  return { files: diskTree(scratch, "path"), directory: `charts/${name}` };
}
