// System fonts: the site asks nobody else for anything.
export { default } from 'vitepress/theme-without-fonts'
