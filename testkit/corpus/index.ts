// The corpus: real inputs from outside the project, found through the environment and reported when they are absent.

export { corpusNotRun, corpusPath, corpusTest } from "./corpus.ts";
