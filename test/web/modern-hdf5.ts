import { type Dataset, File, type Group, ready } from 'h5wasm/node';

/** Writes the HDF5 file at `from` to `to` in the newest layout, which only the HDF5 library reads. Of Node's file system. */
export async function modernHdf5(from: string, to: string): Promise<void> {
  await ready;
  const old = new File(from, 'r');
  const modern = new File(to, 'w', { libver: 'latest' });
  copyGroup(old, modern);
  for (const file of [old, modern]) file.close();
}

function copyGroup(from: Group, to: Group): void {
  for (const [name, { value }] of Object.entries(from.attrs)) to.create_attribute(name, value as string | string[]);
  for (const name of from.keys()) {
    const entity = from.get(name) as Group | Dataset;
    if ('keys' in entity) copyGroup(entity, to.create_group(name));
    else to.create_dataset({ name, data: entity.value as Float32Array, shape: entity.shape as number[] });
  }
}
