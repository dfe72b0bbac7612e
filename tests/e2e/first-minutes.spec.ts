import { expect, test } from '@playwright/test';
import { centre, dropFile, node, openEditor, port, promptField, pull, runAndWait } from './actions.ts';

test('the first page shows the starter graph, ready to type in and without problems', async ({ page }) => {
  await openEditor(page);
  for (const title of ['Prompt', 'Diffusion', 'Upscale', 'Face restore', 'Save']) {
    await expect(node(page, title)).toBeVisible();
  }
  await expect(promptField(page)).toBeFocused();
  await expect(page.getByRole('button', { name: /problem/ })).toHaveCount(0);
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('Ctrl+Enter makes a picture on the nodes and in the strip, and changing a word runs only what it affects', async ({
  page,
}) => {
  await openEditor(page);
  await promptField(page).fill('portrait of a bald man with a beard, green background');
  const strip = page.getByRole('region', { name: 'Results' });
  expect(await runAndWait(page)).toContain('Done in');
  await expect(node(page, 'Diffusion').getByAltText('Result of the node')).toBeVisible();
  await expect(node(page, 'Save').getByAltText('Result of the node')).toBeVisible();
  const before = await strip.getByRole('button', { name: /^Result/ }).count();
  expect(before).toBeGreaterThan(0);

  await node(page, 'Face restore').getByLabel('Strength, number').fill('0.8');
  expect(await runAndWait(page)).toMatch(/Done in .*, 3 of 5 cached/);
  await expect(node(page, 'Diffusion').getByRole('img', { name: 'Cached' })).toBeVisible();
  await expect(node(page, 'Face restore').getByRole('img', { name: 'Done' })).toBeVisible();
  await expect(strip.getByRole('button', { name: /^Result/ })).toHaveCount(before + 1);
});

test('a wire dropped on empty canvas offers Upscale first, and the size stands on the wire before running', async ({
  page,
}) => {
  await openEditor(page);
  const pictures = port(page, 'Diffusion', 'Pictures', 'output');
  const { x } = await centre(pictures);
  await pull(page, pictures, { x: x + 90, y: 640 });
  await page.mouse.up();
  const offers = page.getByRole('option');
  await expect(offers.first()).toContainText('Upscale');
  await expect(page.getByRole('option', { name: /Prompt/ })).toHaveCount(0);
  await page.keyboard.press('Enter');
  const added = page.locator('[data-node="upscale-2"]');
  await expect(added).toBeVisible();
  await added.getByRole('button', { name: /^Upscaled, output/ }).isVisible();
  await expect(page.locator('[data-wire="diffusion.images upscale-2.image"]')).toHaveCount(1);
  await expect(page.getByText('128 × 128')).toHaveCount(2);
  // What leaves the new node is known before anything ran.
  await pull(page, added.getByRole('button', { name: /^Upscaled, output/ }), { x: x + 420, y: 700 });
  await page.mouse.up();
  await page.getByPlaceholder('Connect upscaled to').fill('preview');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-wire="upscale-2.image preview.image"]')).toHaveCount(1);
  await expect(page.getByText('512 × 512')).toHaveCount(3);
});

test('a wire that does not fit is refused with the reason, and a missing one can be mended by a button', async ({
  page,
}) => {
  await openEditor(page);
  const refused = port(page, 'Upscale', 'Image', 'input');
  await pull(page, port(page, 'Prompt', 'Prompt', 'output'), await centre(refused));
  await expect(refused).toHaveAttribute('data-invitation', 'refused');
  await expect(page.getByText('"Image" takes an image, but "Prompt" gives a prompt.').first()).toBeVisible();
  await page.mouse.up();
  await expect(page.locator('[data-wire="diffusion.images upscale.image"]')).toHaveCount(1);

  const from = await centre(port(page, 'Prompt', 'Prompt', 'output'));
  const to = await centre(port(page, 'Diffusion', 'Prompt', 'input'));
  await page.mouse.click((from.x + to.x) / 2, (from.y + to.y) / 2);
  await page.keyboard.press('Delete');
  await expect(page.getByRole('button', { name: '2 problems' })).toBeVisible();
  await expect(node(page, 'Diffusion')).toContainText('needs something connected to "Prompt"');
  await node(page, 'Diffusion').getByRole('button', { name: 'Connect Prompt' }).click();
  await expect(page.getByRole('button', { name: /problem/ })).toHaveCount(0);
  await expect(page.locator('[data-wire="prompt.prompt diffusion.prompt"]')).toHaveCount(1);
});

test('a picture that was saved opens its graph, and undo brings the other back', async ({ page }) => {
  await openEditor(page);
  await promptField(page).fill('portrait of an old woman with grey hair');
  await runAndWait(page);
  await node(page, 'Save')
    .getByRole('button', { name: /^Look at the result/ })
    .click();
  const link = page.getByRole('link', { name: 'Download' });
  await expect(link).toHaveAttribute('href', /^\/gallery\//);
  const file = await page.request.get((await link.getAttribute('href')) ?? '');
  await page.getByRole('button', { name: 'Close' }).click();

  await promptField(page).fill('something else');
  await dropFile(page, { name: 'picture.png', type: 'image/png', bytes: await file.body() });
  await expect(promptField(page)).toHaveValue('portrait of an old woman with grey hair');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(promptField(page)).toHaveValue('something else');
});

test('any other picture becomes a node, and a damaged file is refused in a sentence', async ({ page }) => {
  await openEditor(page);
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  await dropFile(page, { name: 'pixel.png', type: 'image/png', bytes: Buffer.from(pixel, 'base64') });
  await expect(node(page, 'Load image')).toContainText('1 × 1');
  await dropFile(page, { name: 'broken.png', type: 'image/png', bytes: Buffer.from('no picture at all') });
  await expect(page.locator('[data-sonner-toast]').first()).toContainText('Expected');
  await expect(node(page, 'Load image')).toHaveCount(1);
});

test('everything can be undone, step by step', async ({ page }) => {
  await openEditor(page);
  const first = await promptField(page).inputValue();
  await promptField(page).fill('one');
  await node(page, 'Upscale').getByRole('button', { name: 'Node menu' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(node(page, 'Upscale')).toHaveCount(0);
  await page.getByRole('button', { name: 'Add Prompt' }).click();
  await expect(node(page, 'Prompt')).toHaveCount(2);
  const undo = page.getByRole('button', { name: 'Undo' });
  await undo.click();
  await undo.click();
  await expect(node(page, 'Upscale')).toBeVisible();
  await undo.click();
  await expect(promptField(page)).toHaveValue(first);
  await expect(undo).toBeDisabled();
});

test('a reload keeps the graph and the pictures', async ({ page }) => {
  await openEditor(page);
  await promptField(page).fill('portrait of a child with a red hat');
  await runAndWait(page);
  await page.reload();
  await expect(promptField(page)).toHaveValue('portrait of a child with a red hat');
  await expect(node(page, 'Save').getByAltText('Result of the node')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Results' }).getByAltText('Result 1', { exact: true })).toBeVisible();
});

test('a run goes on through a reload, and can be stopped', async ({ page }) => {
  await openEditor(page);
  await promptField(page).fill('portrait of somebody who takes long');
  const steps = node(page, 'Diffusion').getByLabel('Steps, number');
  await steps.fill('150');
  await steps.press('Enter');
  await node(page, 'Diffusion').getByRole('textbox', { name: 'Pictures' }).fill('16');
  await page.keyboard.press('Control+Enter');
  await expect(node(page, 'Diffusion')).toHaveAttribute('data-state', 'running');
  await expect(node(page, 'Diffusion').getByAltText('Preview of the step')).toBeVisible();
  await page.reload();
  await expect(node(page, 'Diffusion')).toHaveAttribute('data-state', 'running');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('region', { name: 'Results' })).toContainText('Stopped after');
});
