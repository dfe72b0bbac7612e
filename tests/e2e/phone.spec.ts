import { expect, test } from '@playwright/test';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

test('on a phone the page fits, a node can be added and the graph runs', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('article', { name: 'Prompt', exact: true })).toBeVisible();
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(await overflow()).toBeLessThanOrEqual(0);
  for (const name of ['Menu', 'Undo', 'Seeds', 'Open the palette']) {
    await expect(page.getByRole('button', { name, exact: true })).toBeInViewport();
  }
  await page.getByRole('button', { name: 'Open the palette' }).tap();
  await page.getByRole('button', { name: 'Add Preview' }).tap();
  await expect(page.getByRole('article', { name: 'Preview', exact: true })).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo', exact: true }).tap();
  await page.getByRole('button', { name: /^Run/ }).tap();
  await expect(page.getByRole('region', { name: 'Results' })).toContainText('Done in', { timeout: 90_000 });
  expect(await overflow()).toBeLessThanOrEqual(0);
});
