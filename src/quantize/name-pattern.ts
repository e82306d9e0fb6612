import { optionError as fail } from './option-error.js';

/** Longest regular expression that a recipe may hold, in characters. */
const MAX_PATTERN = 500;
/** Only this much of a name is searched, so that the work stays bounded. */
const MAX_SEARCHED = 1000;

/** A test whether a name contains a match of the pattern. The pattern has passed {@link checkPattern}. */
export function namePattern(pattern: string): (name: string) => boolean {
  const regex = new RegExp(pattern);
  return (name) => regex.test(name.slice(0, MAX_SEARCHED));
}

/**
 * Refuses what is no regular expression, and the forms whose matching can take exponential time: a group repeated without
 * limit that itself contains such a repetition or an alternative, like `(a+)+` or `(a|a)*`.
 * @throws {ModelError} `invalid-option`.
 */
export function checkPattern(pattern: string, where: string): void {
  if (pattern.length > MAX_PATTERN)
    throw fail(
      where,
      `expected at most ${MAX_PATTERN} characters, got ${pattern.length}`,
      'Split it into several rules.',
    );
  try {
    new RegExp(pattern);
  } catch (cause) {
    throw fail(
      where,
      `expected a regular expression, got "${pattern}"`,
      cause instanceof Error ? `${cause.message}.` : '',
    );
  }
  const group = ambiguousGroup(pattern);
  if (group !== undefined)
    throw fail(
      where,
      `the repeated group ${group} can match one name in very many ways`,
      'Write it without a repetition or alternative inside a repeated group.',
    );
}

/** A group that is repeated without limit and holds a repetition or an alternative; as written. */
function ambiguousGroup(pattern: string): string | undefined {
  const open: { readonly start: number; risky: boolean }[] = [];
  let i = 0;
  while (i < pattern.length) {
    const piece = pieceAt(pattern, i);
    const top = open.at(-1);
    if (piece === '(') open.push({ start: i, risky: false });
    else if (piece === ')') {
      const group = open.pop();
      const repeated = /^(?:[*+]|\{\d+,\})/.test(pattern.slice(i + 1));
      if (group?.risky && repeated) return pattern.slice(group.start, i + 2);
      const outer = open.at(-1);
      if (outer && (group?.risky || repeated)) outer.risky = true;
    } else if (top && (piece === '|' || piece === '*' || piece === '+' || /^\{\d+,\}$/.test(piece))) top.risky = true;
    i += piece.length;
  }
  return undefined;
}

/** An escape, a character class, a counted repetition, or one character. */
function pieceAt(pattern: string, i: number): string {
  return /^(?:\\.|\[(?:\\.|[^\]])*\]|\{\d+,\d*\}|.)/su.exec(pattern.slice(i))?.[0] ?? (pattern[i] as string);
}
