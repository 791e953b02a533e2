import { render } from 'preact';
import { PopupScreen } from '../../src/ui/popup/popup.tsx';

const app = document.getElementById('app');
if (app) render(<PopupScreen />, app);
