import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ModelError } from '../../errors.js';

/** A package that the user may have installed. */
export interface FoundPackage {
  readonly folder: string;
  readonly version: string;
  /** The file that a program gets when it asks for the package, or for a file of it. */
  resolve(request: string): string;
  /** What `require` of the package gives. */
  load(): unknown;
}

/**
 * Finds an optional package: in the project of the current folder, else beside this one.
 * @throws {ModelError} `not-found` when there is none.
 */
export function findPackage(name: string): FoundPackage {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    const require = createRequire(from);
    try {
      const folder = packageFolder(require.resolve(name), name);
      const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return { folder, version, resolve: (request) => require.resolve(request), load: () => require(name) };
    } catch {
      // not from there: the next place may have it
    }
  }
  throw new ModelError('not-found', `the package is not installed. Run: npm install ${name}`, { where: name });
}

/** The folder above the main file whose package.json has the name; packages need not export that file. */
function packageFolder(main: string, name: string): string {
  for (let folder = dirname(main); ; folder = dirname(folder)) {
    try {
      if (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name === name) return folder;
    } catch {
      // no package.json here
    }
    if (folder === dirname(folder)) throw new Error(`no package.json of ${name}`);
  }
}
