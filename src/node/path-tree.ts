import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileTree } from '../bytes/source.js';
import { openFile, openFolder } from './files.js';

/** The files of a folder, and any other that a path from there leads to. */
export function pathTree(folder: string): FileTree {
  return {
    name: folder,
    list: () => openFolder(folder).list(),
    open(path) {
      const place = resolve(folder, path);
      return existsSync(place) && statSync(place).isFile() ? openFile(place) : undefined;
    },
  };
}
