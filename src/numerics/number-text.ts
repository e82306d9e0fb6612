/** Bytes for people, in decimal units: `1.69 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

export const msText = (ms: number): string => `${ms >= 1000 ? Math.round(ms) : ms.toPrecision(3)} ms`;
export const percentText = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
export const decibelText = (db: number | null | undefined): string =>
  db === null || db === undefined ? 'equal' : `${db.toFixed(1)} dB`;
export const numberText = (x: number): string => String(Number(x.toPrecision(4)));
