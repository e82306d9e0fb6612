import { describe, expect, it } from 'vitest';
import { checkPattern, namePattern } from './name-pattern.js';

describe('checkPattern', () => {
  it('takes what people write', () => {
    for (const pattern of [
      'conv',
      '^a/b$',
      'block_[0-9]+/.*',
      '(lstm|gru)/kernel',
      '(?:_\\d{1,3})?$',
      'a\\(b+\\)+',
      '[(+*)]+',
      '(ab)+',
      'x{2,3}',
      '(a{1,2})*',
    ])
      expect(() => checkPattern(pattern, 'here')).not.toThrow();
  });

  it('refuses patterns that can take exponential time', () => {
    for (const pattern of [
      '(a+)+$',
      '(a*)*',
      '(a|a)*b',
      '((a+)b)+',
      '((a|b))+',
      '(a{2,})+',
      '(?:x+x+)+y',
      '(.*)*',
      '(a+){2,}',
      '((ab)+c)*',
    ])
      expect(() => checkPattern(pattern, 'here')).toThrow(/here: the repeated group .* in very many ways/);
  });

  it('refuses what is too long or no regular expression', () => {
    expect(() => checkPattern('a'.repeat(501), 'here')).toThrow('here: expected at most 500 characters, got 501.');
    for (const pattern of ['(', '[a', '*', 'a)'])
      expect(() => checkPattern(pattern, 'here')).toThrow(/regular expression/);
  });
});

describe('namePattern', () => {
  it('looks anywhere in a name', () => {
    expect(namePattern('conv')('block/conv/kernel')).toBe(true);
    expect(namePattern('^conv')('block/conv/kernel')).toBe(false);
  });

  it('looks at a bounded part of a name', () => expect(namePattern('z')(`${'a'.repeat(1000)}z`)).toBe(false));
});
