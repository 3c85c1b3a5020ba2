import { defineConfig } from '@playwright/test';

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'];
export default defineConfig({
  reporter: 'line',
  outputDir: process.env.OUTPUT_DIR,
  use: {
    baseURL: process.env.SITE,
    launchOptions: { executablePath: process.env.CHROMIUM, args: quiet }, // Playwright's own unless named
  },
});
