import path from 'node:path';

// Windows refuses these with any ending, so a folder that is copied there must not hold them.
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|-|$)/i;
// What Windows forbids in names, what separates folders, and marks that turn the direction of text around.
const forbidden = /[<>:"/\\|?*\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const longestName = 120;

/** Any text as a file name that every system takes: no folders, at most 120 bytes, never empty, never hidden. */
export function safeName(text: string): string {
  // Going through UTF-8 replaces halves of characters, which file systems refuse.
  const whole = Buffer.from(text.normalize('NFC')).toString();
  const plain = whole.replace(forbidden, '-').replace(/\s+/gu, ' ');
  const trimmed = cut(plain.replace(/^[. ]+/, '')).replace(/[. ]+$/, '');
  return reserved.test(trimmed) ? `_${trimmed}` : trimmed || 'picture';
}

function cut(text: string): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > longestName) break;
    kept += character;
  }
  return kept;
}

/** The folder of a day in local time, as YYYY/MM/DD. */
export function dayFolder(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}/${two(date.getMonth() + 1)}/${two(date.getDate())}`;
}

/** Whether a text is the place of a picture in the gallery: YYYY/MM/DD/name.png, and nothing that leads elsewhere. */
export const isGalleryFile = (file: string): boolean => /^\d{4}\/\d{2}\/\d{2}\/[^./\\\0][^/\\\0]*\.png$/.test(file);

/** The path of a gallery file on this system. */
export const pathOf = (folder: string, file: string): string => path.join(folder, ...file.split('/'));
