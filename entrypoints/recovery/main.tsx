import { render } from 'preact';
import { RecoveryScreen } from '../../src/ui/recovery/recovery.tsx';

const app = document.getElementById('app');
if (app) render(<RecoveryScreen />, app);
