import { expect, type Locator, type Page } from '@playwright/test';

/** Opens the editor as somebody who was never here before. */
export async function openEditor(page: Page): Promise<void> {
  await page.goto('/');
  await expect(node(page, 'Prompt')).toBeVisible();
  // The list of models tells which names stand on the nodes; before it, nothing is known to be missing.
  await expect(node(page, 'Diffusion').getByRole('combobox', { name: 'Model' })).toHaveText('Aria portraits');
}

/** A node by its title. */
export const node = (page: Page, title: string): Locator => page.getByRole('article', { name: title, exact: true });

/** A port of a node by its label. */
export const port = (page: Page, title: string, label: string, side: 'input' | 'output'): Locator =>
  node(page, title).getByRole('button', { name: new RegExp(`^${label}, ${side}`) });

/** The words that describe the picture. */
export const promptField = (page: Page): Locator =>
  node(page, 'Prompt').getByRole('textbox', { name: 'Prompt', exact: true });

/** Runs the graph and waits for its last line. */
export async function runAndWait(page: Page): Promise<string> {
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Run/ })).toBeVisible({ timeout: 90_000 });
  return page.getByRole('region', { name: 'Results' }).innerText();
}

/** Draws a wire from a port to a place on the page, by the pointer, without letting go. */
export async function pull(page: Page, from: Locator, to: { x: number; y: number }): Promise<void> {
  const start = await centre(from);
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x + 12, start.y + 6, { steps: 3 });
  await page.mouse.move(to.x, to.y, { steps: 8 });
}

/** The middle of something on the page. */
export async function centre(target: Locator): Promise<{ x: number; y: number }> {
  const box = await target.boundingBox();
  if (!box) throw new Error('Expected something visible but it has no box.');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Drops a file on the canvas. */
export async function dropFile(page: Page, file: { name: string; type: string; bytes: Buffer }): Promise<void> {
  const carried = await page.evaluateHandle(
    ({ name, type, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name, { type }));
      return transfer;
    },
    { name: file.name, type: file.type, base64: file.bytes.toString('base64') },
  );
  const options = { dataTransfer: carried, clientX: 700, clientY: 700 };
  await page.locator('.react-flow').dispatchEvent('dragover', options);
  await page.locator('.react-flow').dispatchEvent('drop', options);
}
