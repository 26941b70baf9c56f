// toYaml: Go's sigs.k8s.io/yaml over template values.

import { Failure } from "@plumbline/core/model";
import { callFailure, jsonOf, type Value } from "@plumbline/core/template";
import { toYaml } from "@plumbline/core/yaml";

/** The YAML of a value without its last newline. Throws `TemplateFailed` for what YAML cannot hold. */
export function yamlText(value: Value): string {
  try {
    const text = toYaml(jsonOf(value));
    return text.endsWith("\n") ? text.slice(0, -1) : text;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.reason === "YamlInvalid") {
      throw callFailure(`error marshaling into JSON: ${thrown.message}`, thrown);
    }
    throw thrown;
  }
}
