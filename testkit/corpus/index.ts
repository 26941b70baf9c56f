// The corpus: real inputs from outside the project, found through the environment and reported when they are absent.

export { corpusPath, corpusTest, isCorpusSkip } from "./corpus.ts";
