// Icons that only the board has.

import { icon } from "../ui/icons/icon.js";

export const IconArchive = icon("M3.5 4h13v3.5h-13z", "M4.8 7.5V16h10.4V7.5", "M8 10.5h4");
export const IconCalendar = icon("M3.5 5h13v11.5h-13z", "M3.5 8.5h13", "M7 3v3.5", "M13 3v3.5");
export const IconChecklist = icon("M3.5 3.5h13v13h-13z", "M7 10.2l2.1 2.1 4-4.6");
export const IconComment = icon("M3.5 4h13v9.5H9l-4 3v-3H3.5z");
export const IconText = icon("M3.5 5.5h13", "M3.5 10h13", "M3.5 14.5h8");
export const IconMove = icon("M3.5 10h13", "M12.5 6l4 4-4 4");
export const IconSplit = icon("M10 17v-6", "M10 11C10 7 5 8 5 3.5", "M10 11c0-4 5-3 5-7.5");
export const IconKeyboard = icon("M2.5 5h15v10h-15z", "M6 12h8", "M6 8.5h.01", "M10 8.5h.01", "M14 8.5h.01");
