/** Every screen with its states, and how wide it is. */
import { PAGE } from './page.ts';
import { POPUP } from './popup.ts';
import { RECOVERY } from './recovery.ts';
import type { States } from './state.ts';
import { WELCOME } from './welcome.ts';

export interface Screen {
  readonly states: States;
  readonly width: number;
}

export const SCREENS = {
  popup: { states: POPUP, width: 380 },
  welcome: { states: WELCOME, width: 720 },
  page: { states: PAGE, width: 1100 },
  recovery: { states: RECOVERY, width: 720 },
} as const satisfies Record<string, Screen>;
