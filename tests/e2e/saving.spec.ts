import { expect, test } from '@playwright/test';
import { openEditor, promptField } from './actions.ts';

test('two tabs on one graph never overwrite each other silently', async ({ page, context }) => {
  await openEditor(page);
  await promptField(page).fill('from the first tab');
  await expect(page.getByRole('status')).toHaveText('Saved');
  const other = await context.newPage();
  await openEditor(other);
  await expect(promptField(other)).toHaveValue('from the first tab');
  await promptField(other).fill('from the other tab');
  await expect(other.getByRole('status')).toHaveText('Saved');

  await promptField(page).fill('from the first tab again');
  await expect(page.getByText('changed in another tab')).toBeInViewport({ ratio: 1 });
  await page.getByRole('button', { name: 'Keep mine as a copy' }).click();
  await expect(page.getByText('changed in another tab')).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: 'Name of the graph' })).toHaveValue('Portrait, copy');
  await expect(promptField(page)).toHaveValue('from the first tab again');
  // Each tab stays with its own graph.
  await other.reload();
  await expect(promptField(other)).toHaveValue('from the other tab');
  await page.reload();
  await expect(promptField(page)).toHaveValue('from the first tab again');
});

test('while the server is away nothing is lost, and it is saved when the server is back', async ({ page }) => {
  await openEditor(page);
  await page.route('**/api/trpc/graphs.save**', (route) => route.abort());
  await promptField(page).fill('typed without a server');
  await expect(page.getByRole('status')).toHaveText('Kept in this browser');
  await page.reload();
  await expect(promptField(page)).toHaveValue('typed without a server');
  await page.unroute('**/api/trpc/graphs.save**');
  await promptField(page).fill('typed without a server, then with one');
  await expect(page.getByRole('status')).toHaveText('Saved');
});

test('saved graphs are listed and open again', async ({ page }) => {
  await openEditor(page);
  await page.getByRole('textbox', { name: 'Name of the graph' }).fill('My first graph');
  await expect(page.getByRole('status')).toHaveText('Saved');
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'New graph' }).click();
  await expect(page.getByText('Double-click the canvas')).toBeVisible();
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'My first graph' }).first().click();
  await expect(page.getByRole('article', { name: 'Prompt', exact: true })).toBeVisible();
});
