import { expect, it } from 'vitest';
import { junitText } from './junit.js';

it('checks become test cases, failed ones with their reason', () => {
  const text = junitText('compare b', [
    { name: 'size', passed: true, text: '3 bytes' },
    { name: 'SQNR of <y>', passed: false, text: '"3" & less\u0000' },
  ]);
  expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="compare b" tests="2" failures="1" errors="0">
  <testcase classname="compare b" name="size"/>
  <testcase classname="compare b" name="SQNR of &lt;y&gt;">
    <failure message="&quot;3&quot; &amp; less\ufffd"/>
  </testcase>
</testsuite>
`);
});
