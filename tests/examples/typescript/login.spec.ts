import { expect, test } from '@playwright/test';
import { login } from './otpgate';

test('a code that was mailed opens the next door', async ({ page }) => {
  const mailbox = process.env.MAILBOX!;
  await page.goto('/');
  await page.getByLabel('Email').fill(mailbox);
  await login(mailbox, async (wait) => {
    await page.getByRole('button', { name: 'Email me a code' }).click();
    await page.getByLabel('Code').fill(await wait());
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect(page.getByText('One more step')).toBeVisible();
  }, { sender: 'acme.example' });
});
