// The failures of this room: charts that cannot be loaded, values that do not fit.

import { Failure } from "@plumbline/core/model";

/** The chart is not one, or not a whole one. The message is Helm's. */
export function chartInvalid(message: string, file?: string, cause?: unknown): Failure {
  return new Failure({
    reason: "ChartInvalid",
    message,
    ...(file !== undefined && { where: { file } }),
    retry: "never",
    ...(cause !== undefined && { cause }),
  });
}

/** Values that cannot be read or merged, or that the schema refuses. */
export function valuesInvalid(message: string, file?: string, cause?: unknown): Failure {
  return new Failure({
    reason: "ValuesInvalid",
    message,
    ...(file !== undefined && { where: { file } }),
    retry: "never",
    ...(cause !== undefined && { cause }),
  });
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
