// One look at a whole text: which unusual characters it has.

import { isBreak } from "./characters.ts";

export interface Survey {
  /** There are characters above U+FFFF, so that offsets and columns differ. */
  hasAstral: boolean;
  /** Line feeds are the only line breaks. */
  plainBreaks: boolean;
  /** Offset of the first character that go-yaml does not allow, or -1. */
  forbidden: number;
}

const UNUSUAL = /[^\t\n -~]/;

export function surveyText(text: string): Survey {
  const survey: Survey = { hasAstral: false, plainBreaks: true, forbidden: -1 };
  const first = text.search(UNUSUAL);
  if (first < 0) return survey;
  for (let i = first; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code >= 0x20 && code < 0x7f) || code === 0x0a) continue;
    if (isBreak(code)) survey.plainBreaks = false;
    else if (isLead(code) && isTrail(text.charCodeAt(i + 1))) {
      survey.hasAstral = true;
      i++;
    } else if (!isAllowed(code) && survey.forbidden < 0) survey.forbidden = i;
  }
  return survey;
}

function isLead(code: number): boolean {
  return (code & 0xfc00) === 0xd800;
}

function isTrail(code: number): boolean {
  return (code & 0xfc00) === 0xdc00;
}

/** go-yaml's reader, outside ASCII text: tab, and what is printable; no lone surrogates. */
function isAllowed(code: number): boolean {
  if (code < 0xa0) return code === 0x09;
  return (code < 0xd800 || code >= 0xe000) && code <= 0xfffd;
}
