/** How wide a node is drawn where its layout says nothing, in canvas pixels. */
export const cardWidth = 264;
