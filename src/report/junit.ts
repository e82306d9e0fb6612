import type { Gate } from '../evaluate/compare/gates.js';

/** What XML cannot hold, not even as a reference. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"]/g, (c) => ENTITIES[c] as string);

/** Checks as a JUnit test report, which CI systems show. Source: the format of Ant's JUnit task. */
export function junitText(suite: string, gates: readonly Gate[]): string {
  const cases = gates.map(({ name, passed, text }) => {
    const head = `  <testcase classname="${escaped(suite)}" name="${escaped(name)}"`;
    return passed ? `${head}/>` : `${head}>\n    <failure message="${escaped(text)}"/>\n  </testcase>`;
  });
  const failed = gates.filter((g) => !g.passed).length;
  const counts = `tests="${gates.length}" failures="${failed}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${escaped(suite)}" ${counts}>`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n');
}
