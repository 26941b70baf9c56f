// One request and its answer on a connection, whatever the version of HTTP below.

export type WireHeaders = Record<string, string | string[]>;

export interface WireRequest {
  method: string;
  path: string;
  headers: WireHeaders;
  body?: string | undefined;
}

/** `head`, any number of `data`, then `end`; or `fail` at any point, after which nothing follows. */
export interface Sink {
  head(status: number, header: (name: string) => string | undefined): void;
  data(chunk: Buffer): void;
  end(): void;
  /** `unsent`: the server has not acted on the request for certain, so any request may be sent again. */
  fail(error: Error, unsent: boolean): void;
}

/** Ends the exchange; the sink hears nothing more. */
export type Cancel = () => void;

export interface Connection {
  readonly protocol: "h2" | "http/1.1";
  /** True while new requests may be sent on it. */
  readonly isOpen: boolean;
  /** Exchanges on their way. */
  readonly load: number;
  /** How many exchanges the server takes at once. */
  readonly capacity: number;
  send(request: WireRequest, sink: Sink): Cancel;
  /** Takes no new requests and closes when those on their way have ended. */
  drain(): void;
  /** Breaks off everything. */
  destroy(): void;
}
