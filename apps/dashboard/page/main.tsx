import '@fontsource-variable/source-sans-3/wght.css'
import './styles/base.css'
import './styles/layout.css'
import './styles/parts.css'
import './styles/figures.css'
import './styles/tables.css'
import './styles/forms.css'
import './state/theme.js'
import { render } from 'preact'
import { App } from './app.js'

const root = document.getElementById('app')
if (root) render(<App />, root)
