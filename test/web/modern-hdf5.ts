import { readFileSync } from 'node:fs';
import { type Dataset, File, type Group, ready } from 'h5wasm/node';

/** The HDF5 file at `path` in the newest layout, which only the HDF5 library reads: its groups, arrays and attributes. */
export async function modernHdf5(path: string): Promise<Uint8Array> {
  const { FS } = await ready;
  FS.writeFile('old.h5', readFileSync(path));
  const old = new File('old.h5', 'r');
  const modern = new File('modern.h5', 'w', { libver: 'latest' });
  copyGroup(old, modern);
  for (const file of [old, modern]) file.close();
  return FS.readFile('modern.h5') as Uint8Array;
}

function copyGroup(from: Group, to: Group): void {
  for (const [name, { value }] of Object.entries(from.attrs)) to.create_attribute(name, value as string | string[]);
  for (const name of from.keys()) {
    const entity = from.get(name) as Group | Dataset;
    if ('keys' in entity) copyGroup(entity, to.create_group(name));
    else to.create_dataset({ name, data: entity.value as Float32Array, shape: entity.shape as number[] });
  }
}
