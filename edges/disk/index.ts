// Facts on disk that survive a restart.

export { type Records, type RecordsOptions, openRecords, parseRecord } from "./records.ts";
