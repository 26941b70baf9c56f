// What several benches share: a fleet of small applications, a cluster that waits for an operator, and the operator.

export { applicationFile, applicationNames, applicationObjects, fleetFiles, namespaces } from "./application.ts";
export { type FirstRunSettings, measureFirstRun, requestsTable } from "./first-run.ts";
export { bestConcurrency, onSite, runCommitFloor, runFloor } from "./floor.ts";
export { type Site, type SiteOptions, isReady, kustomizationsPath, openSite, requestReconcile } from "./open-site.ts";
export { type LogLine, type OperatorProcess, type Usage, startOperator } from "./operator-process.ts";
export { operatorRequests } from "./operator-requests.ts";
export { countedRequests, usageRows } from "./report-rows.ts";
export { form, setting } from "./settings.ts";
export { type Seen, watchObjects } from "./watch-objects.ts";
export { whenAllReady } from "./when-all-ready.ts";
export { whenEventsWritten } from "./when-events-written.ts";
