// .helmignore: which files and folders of a chart are left out.

import { Failure } from "@plumbline/core/model";
import { chartInvalid } from "./failure.ts";
import { compilePattern } from "./path-match.ts";

interface Rule {
  matches: (path: string) => boolean;
  isNegated: boolean;
  onlyFolders: boolean;
}

export type IgnoreRules = (path: string, isFolder: boolean) => boolean;

/** The rules of a .helmignore (undefined when there is none) and Helm's own: dot files in templates/. */
export function ignoreRules(text: string | undefined): IgnoreRules {
  const lines = (text ?? "").replace(/^\ufeff/, "").split(/\r?\n/);
  const rules = [...lines, "templates/.?*"].flatMap(parseRule);
  return (path, isFolder) => {
    for (const rule of rules) {
      if (rule.isNegated) {
        if ((rule.onlyFolders && !isFolder) || !rule.matches(path)) return true;
      } else if ((!rule.onlyFolders || isFolder) && rule.matches(path)) return true;
    }
    return false;
  };
}

function parseRule(line: string): Rule[] {
  let rule = line.trim();
  if (rule === "" || rule.startsWith("#")) return [];
  if (rule.includes("**")) throw chartInvalid("double-star (**) syntax is not supported", ".helmignore");
  compile(rule);
  const isNegated = rule.startsWith("!");
  if (isNegated) rule = rule.slice(1);
  const onlyFolders = rule.endsWith("/");
  if (onlyFolders) rule = rule.slice(0, -1);
  const isRooted = rule.startsWith("/");
  const pattern = compile(isRooted ? rule.slice(1) : rule);
  const byName = !isRooted && !rule.includes("/");
  const matches = (path: string): boolean => pattern.test(byName ? path.slice(path.lastIndexOf("/") + 1) : path);
  return [{ matches, isNegated, onlyFolders }];
}

function compile(pattern: string): RegExp {
  try {
    return compilePattern(pattern);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    throw chartInvalid(thrown.message, ".helmignore", thrown);
  }
}
