// IP addresses as Go's netip.ParseAddr reads them, with its words.

import { quote } from "../quote.ts";

/** What is wrong with an address, `ParseAddr("x"): unable to parse IP`; undefined when nothing is. */
export function ipAddressProblem(text: string): string | undefined {
  const [wrong, at = ""] = groupsProblem(text) ?? [];
  if (wrong === undefined) return undefined;
  return `ParseAddr(${quote(text)}): ${wrong}${at === "" ? "" : ` (at ${quote(at)})`}`;
}

type Wrong = [what: string, rest?: string] | undefined;

function groupsProblem(text: string): Wrong {
  // The first of them says which kind of address it is.
  const [kind] = /[.:%]/.exec(text) ?? [];
  if (kind === ".") return v4Problem(text);
  if (kind === "%") return ["missing IPv6 address"];
  if (kind === undefined) return ["unable to parse IP"];
  const percent = text.indexOf("%");
  if (percent === text.length - 1) return ["zone must be a non-empty string"];
  let rest = percent < 0 ? text : text.slice(0, percent);
  let isShortened = rest.startsWith("::");
  if (isShortened) rest = rest.slice(2);
  if (isShortened && rest === "") return undefined;
  let groups = 0;
  while (groups < 8) {
    const digits = /^[0-9a-fA-F]*/.exec(rest.slice(0, 5))?.[0] ?? "";
    if (digits.length > 4) return ["each group must have 4 or less digits", rest];
    if (digits === "") return ["each colon-separated field must have at least one digit", rest];
    if (rest[digits.length] === ".") {
      const wrong = embedded(rest, groups, isShortened);
      if (wrong) return wrong;
      groups += 2;
      rest = "";
      break;
    }
    groups++;
    rest = rest.slice(digits.length);
    if (rest === "") break;
    if (!rest.startsWith(":")) return ["unexpected character, want colon", rest];
    if (rest === ":") return ["colon must be followed by more characters", rest];
    rest = rest.slice(1);
    if (!rest.startsWith(":")) continue;
    if (isShortened) return ["multiple :: in address", rest];
    isShortened = true;
    rest = rest.slice(1);
    if (rest === "") break;
  }
  if (rest !== "") return ["trailing garbage after address", rest];
  if (groups < 8) return isShortened ? undefined : ["address string too short"];
  return isShortened ? ["the :: must expand to at least one field of zeros"] : undefined;
}

function embedded(rest: string, groups: number, isShortened: boolean): Wrong {
  if (!isShortened && groups !== 6)
    return ["embedded IPv4 address must replace the final 2 fields of the address", rest];
  if (groups > 6) return ["too many hex fields to fit an embedded IPv4 at the end of the address", rest];
  return v4Problem(rest);
}

function v4Problem(text: string): Wrong {
  let [value, digits, fields] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (/[0-9]/.test(char)) {
      if (digits === 1 && value === 0) return ["IPv4 field has octet with leading zero"];
      value = value * 10 + Number(char);
      digits++;
      if (value > 255) return ["IPv4 field has value >255"];
    } else if (char === ".") {
      if (i === 0 || i === text.length - 1 || text[i - 1] === ".") {
        return ["IPv4 field must have at least one digit", text.slice(i)];
      }
      if (fields === 3) return ["IPv4 address too long"];
      fields++;
      [value, digits] = [0, 0];
    } else return ["unexpected character", text.slice(i)];
  }
  return fields < 3 ? ["IPv4 address too short"] : undefined;
}
