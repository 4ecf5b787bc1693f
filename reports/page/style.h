/* The look of all pages. */
#ifndef REPORTS_PAGE_STYLE_H
#define REPORTS_PAGE_STYLE_H

#include "src/base/buf.h"

/* Adds the <style> element. Colours have at least the contrast of WCAG 2.1 AA (4.5 : 1) on the ground
 * that they stand on, in light and dark. https://www.w3.org/TR/WCAG21/#contrast-minimum */
void style_add(struct buf *html);

#endif
