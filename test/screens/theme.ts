/** What the reader has chosen for all pages: light, dark, or high contrast. Nothing moves. */
import type { CDPSession } from 'puppeteer-core';

export type Theme = 'light' | 'dark' | 'contrast';

/** It holds for as long as the session does. */
export async function setTheme(session: CDPSession, theme: Theme): Promise<void> {
  const features = [
    { name: 'prefers-color-scheme', value: theme === 'light' ? 'light' : 'dark' },
    { name: 'forced-colors', value: theme === 'contrast' ? 'active' : 'none' },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ];
  await session.send('Emulation.setEmulatedMedia', { features });
}
