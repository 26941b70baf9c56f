// An in-memory Kubernetes API server behind real HTTP, with simulated controllers.

export {
  type Fault,
  type FaultAnswer,
  type FaultyRequest,
  type RequestCount,
  type RunningSandbox,
  type SandboxOptions,
  startSandbox,
} from "./start.ts";
export type { ControllerOptions } from "../controllers/start.ts";
export type { User } from "../api/world.ts";
