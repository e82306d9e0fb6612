import { ModelError } from '../errors.js';

/** A piece of graph text: punctuation, a word, a number, a quoted string, or a name behind `%` or `@`. */
export interface Token {
  readonly kind: 'punctuation' | 'word' | 'number' | 'bytes' | 'string' | 'value' | 'constant' | 'end';
  /** The text; unquoted for strings and names. */
  readonly text: string;
  /** Line in the text, from 1. */
  readonly line: number;
}

const PATTERNS: readonly (readonly [Token['kind'] | 'space', RegExp])[] = [
  ['space', /\s+|\/\/[^\n]*/y],
  ['value', /%(?:"(?:[^"\\\n]|\\.)*"|[A-Za-z0-9_./-]+)/y],
  ['constant', /@(?:"(?:[^"\\\n]|\\.)*"|[A-Za-z0-9_./-]+)/y],
  ['string', /"(?:[^"\\\n]|\\.)*"/y],
  ['bytes', /0x(?:[0-9a-f]{2})*/y],
  ['number', /-?(?:inf\b|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?n?)|nan\b/y],
  ['word', /[A-Za-z_][A-Za-z0-9_./-]*/y],
  ['punctuation', /[(){}[\]:,=*?]/y],
];

/** Splits graph text. The last token is `end`. @throws {ModelError} `malformed-file` with the line. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const found = matchAt(text, at);
    if (!found)
      throw new ModelError('malformed-file', `unexpected character ${JSON.stringify(text[at])}`, {
        where: `line ${line}`,
      });
    const { kind, raw } = found;
    if (kind !== 'space') tokens.push({ kind, text: bare(kind, raw, line), line });
    for (const c of raw) if (c === '\n') line++;
    at += raw.length;
  }
  tokens.push({ kind: 'end', text: 'the end', line });
  return tokens;
}

function matchAt(text: string, at: number): { kind: Token['kind'] | 'space'; raw: string } | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const raw = pattern.exec(text)?.[0];
    if (raw !== undefined) return { kind, raw };
  }
  return undefined;
}

function bare(kind: Token['kind'], raw: string, line: number): string {
  const body = kind === 'value' || kind === 'constant' ? raw.slice(1) : raw;
  if (!body.startsWith('"')) return body;
  try {
    return JSON.parse(body) as string;
  } catch (cause) {
    throw new ModelError('malformed-file', `expected a quoted name, got ${body}`, { where: `line ${line}`, cause });
  }
}
