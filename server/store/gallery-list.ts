import { readdir, stat } from 'node:fs/promises';
import { absent } from './file-errors.ts';
import { isGalleryFile, pathOf } from './gallery-names.ts';

/** A picture in the gallery, without its bytes. */
export interface KeptPicture {
  /** `YYYY/MM/DD/name.png`. */
  readonly file: string;
  readonly bytes: number;
  /** When it was written, in milliseconds since 1970. */
  readonly time: number;
}

export interface GalleryPage {
  readonly pictures: readonly KeptPicture[];
  /** Where the next page starts; absent on the last one. */
  readonly after?: string;
}

/** Up to `limit` pictures, newest first, from behind `after` on. Reads only the folders of the days that it shows. */
export async function listGallery(folder: string, limit: number, after?: string): Promise<GalleryPage> {
  const pictures: KeptPicture[] = [];
  for await (const day of daysIn(folder, after?.slice(0, dayLength))) {
    const kept = await picturesOf(folder, day);
    // A picture that was deleted since has no place any more: its day begins again.
    const start = kept.findIndex(({ file }) => file === after) + 1;
    for (const picture of kept.slice(start)) {
      if (pictures.length === limit) return { pictures, after: pictures.at(-1)?.file ?? '' };
      pictures.push(picture);
    }
  }
  return { pictures };
}

const dayLength = 'YYYY/MM/DD'.length;

/** The days that have a folder, from the latest or from `from` backwards. */
async function* daysIn(folder: string, from = '9999/99/99'): AsyncGenerator<string> {
  for (const year of await numbersIn(folder, '', 4)) {
    for (const month of await numbersIn(folder, `${year}/`, 2)) {
      for (const day of await numbersIn(folder, `${month}/`, 2)) if (day <= from) yield day;
    }
  }
}

async function numbersIn(folder: string, below: string, digits: number): Promise<string[]> {
  const names = (await readdir(pathOf(folder, below)).catch(absent)) ?? [];
  const pattern = new RegExp(`^\\d{${digits}}$`);
  const numbers = names.filter((name) => pattern.test(name));
  return numbers
    .sort()
    .reverse()
    .map((name) => below + name);
}

async function picturesOf(folder: string, day: string): Promise<KeptPicture[]> {
  const names = (await readdir(pathOf(folder, day)).catch(absent)) ?? [];
  const kept = names
    .map((name) => `${day}/${name}`)
    .filter(isGalleryFile)
    .map(async (file) => {
      const found = await stat(pathOf(folder, file)).catch(absent);
      // An empty file is a name that a picture being written has taken.
      return found?.isFile() && found.size > 0 ? [{ file, bytes: found.size, time: found.mtimeMs }] : [];
    });
  return (await Promise.all(kept)).flat().sort((a, b) => b.time - a.time || (a.file < b.file ? 1 : -1));
}
