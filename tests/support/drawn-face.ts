import sharp, { type Sharp } from 'sharp';
import type { Pixels, Point } from '../../models/contracts.ts';

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><defs>
<radialGradient id="skin" cx="0.45" cy="0.4" r="0.65"><stop offset="0" stop-color="#f0c8a8"/>
<stop offset="0.7" stop-color="#d09a78"/><stop offset="1" stop-color="#7a4a34"/></radialGradient>
<linearGradient id="nose" x1="0" x2="1"><stop offset="0" stop-color="#e8bfa0"/>
<stop offset="0.6" stop-color="#d8a888"/><stop offset="1" stop-color="#a87058"/></linearGradient></defs>
<rect width="640" height="480" fill="#8a949c"/><ellipse cx="320" cy="470" rx="190" ry="110" fill="#34455c"/>
<rect x="280" y="330" width="80" height="80" fill="#b8866a"/>
<ellipse cx="320" cy="215" rx="112" ry="150" fill="#2e2018"/><ellipse cx="320" cy="240" rx="98" ry="132" fill="url(#skin)"/>
<path d="M222 200 Q230 100 320 96 Q410 100 418 200 Q400 140 320 138 Q240 140 222 200" fill="#2e2018"/>
<g fill="#fbf6f2"><ellipse cx="280" cy="225" rx="19" ry="9"/><ellipse cx="360" cy="225" rx="19" ry="9"/></g>
<g fill="#3b2a1c"><circle cx="280" cy="225" r="8.5"/><circle cx="360" cy="225" r="8.5"/></g>
<g fill="#fff"><circle cx="283" cy="222" r="2"/><circle cx="363" cy="222" r="2"/></g>
<g stroke="#3a2418" fill="none" stroke-width="3"><path d="M260 222 Q280 210 300 223"/><path d="M340 223 Q360 210 380 222"/></g>
<g stroke="#2e2018" fill="none" stroke-width="8"><path d="M256 203 Q278 192 302 201"/><path d="M338 201 Q362 192 384 203"/></g>
<path d="M312 228 Q306 265 300 278 Q308 290 320 288 Q332 290 340 278 Q334 262 330 228" fill="url(#nose)" opacity="0.8"/>
<g fill="#6a3a2c"><ellipse cx="310" cy="283" rx="5" ry="3"/><ellipse cx="330" cy="283" rx="5" ry="3"/></g>
<path d="M284 316 Q305 306 320 311 Q335 306 356 316 Q338 338 320 338 Q302 338 284 316" fill="#b05a58"/>
<path d="M284 316 Q320 322 356 316" stroke="#6e2c30" stroke-width="3" fill="none"/></svg>`;

/** Where eyes, nose and mouth corners were drawn. */
export const drawnPoints: readonly Point[] = [
  [280, 225],
  [360, 225],
  [320, 276],
  [284, 316],
  [356, 316],
];

/** A shaded face of nobody, plain enough to be drawn and lifelike enough for the detector to see. */
export async function drawnFace(): Promise<Pixels> {
  return pixelsOf(sharp(Buffer.from(svg)).removeAlpha());
}

/** The same picture blurred, made small, saved as a poor JPEG and enlarged again. */
export async function damagedFace(): Promise<Pixels> {
  const { data, width, height } = await drawnFace();
  const small = sharp(data, { raw: { width, height, channels: 3 } })
    .blur(1.2)
    .resize(width / 2);
  const poor = await small.jpeg({ quality: 45 }).toBuffer();
  return pixelsOf(sharp(poor).resize(width, height, { fit: 'fill' }));
}

async function pixelsOf(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: 3, data: new Uint8Array(data) };
}
