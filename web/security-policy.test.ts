import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { securityHeaders } from './security-policy.js';

it('docs/page.md names the headers as they are', () => {
  const docs = readFileSync(new URL('../docs/page.md', import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(securityHeaders)) expect(docs).toContain(`    ${name}: ${value}\n`);
});
