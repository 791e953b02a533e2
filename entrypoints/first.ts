import { browser } from 'wxt/browser';
import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { askFirst } from '../src/extension/first.ts';

export default defineUnlistedScript(() => void askFirst(location, browser));
