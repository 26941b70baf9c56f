// For tests that run against a sandbox.

export { FakeClock } from "./fake-clock.ts";
