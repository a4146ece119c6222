use super::Terminal;
use super::paint;
use crate::report::figures::palette::Rgb;

/// Characters to draw on: 2 by 4 dots each in Braille, or one sign each in ASCII.
pub(super) struct Canvas {
    columns: usize,
    rows: usize,
    unicode: bool,
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Default)]
struct Cell {
    dots: u8,
    sign: Option<char>,
    color: Option<Rgb>,
}

impl Canvas {
    pub fn new(columns: usize, rows: usize, unicode: bool) -> Self {
        Self { columns, rows, unicode, cells: vec![Cell::default(); columns * rows] }
    }

    /// Whether there are dots in its characters.
    pub fn unicode(&self) -> bool {
        self.unicode
    }

    /// Dots from left to right and from top to bottom.
    pub fn size(&self) -> (usize, usize) {
        if self.unicode { (2 * self.columns, 4 * self.rows) } else { (self.columns, self.rows) }
    }

    /// A dot; what lies outside is left out.
    pub fn dot(&mut self, x: i64, y: i64, sign: char, color: Option<Rgb>) {
        let (width, height) = self.size();
        if x < 0 || y < 0 || x >= width as i64 || y >= height as i64 {
            return;
        }
        let (x, y) = (x as usize, y as usize);
        let (cx, cy) = if self.unicode { (x / 2, y / 4) } else { (x, y) };
        let cell = &mut self.cells[cy * self.columns + cx];
        if self.unicode {
            // as Braille numbers its dots
            const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
            cell.dots |= BITS[x % 2][y % 4];
        } else {
            cell.sign = Some(sign);
        }
        cell.color = color;
    }

    /// A sign in the character where a dot would be.
    pub fn sign(&mut self, x: i64, y: i64, sign: char, color: Option<Rgb>) {
        let (width, height) = self.size();
        if x < 0 || y < 0 || x >= width as i64 || y >= height as i64 {
            return;
        }
        let (cx, cy) = if self.unicode { (x as usize / 2, y as usize / 4) } else { (x as usize, y as usize) };
        self.cells[cy * self.columns + cx] = Cell { dots: 0, sign: Some(sign), color };
    }

    /// A straight line of dots.
    pub fn line(&mut self, (x0, y0): (i64, i64), (x1, y1): (i64, i64), sign: char, color: Option<Rgb>) {
        let (dx, dy) = ((x1 - x0).abs(), -(y1 - y0).abs());
        let (sx, sy) = ((x1 - x0).signum(), (y1 - y0).signum());
        let (mut x, mut y, mut error) = (x0, y0, dx + dy);
        let most = self.size().0 + self.size().1;
        // lines that leave the canvas end soon after
        for _ in 0..=(dx.max(-dy) as usize).min(4 * most) {
            self.dot(x, y, sign, color);
            if (x, y) == (x1, y1) {
                break;
            }
            let twice = 2 * error;
            if twice >= dy {
                error += dy;
                x += sx;
            }
            if twice <= dx {
                error += dx;
                y += sy;
            }
        }
    }

    /// The rows of characters.
    pub fn lines(&self, terminal: &Terminal) -> Vec<String> {
        (0..self.rows).map(|row| self.row(row, terminal)).collect()
    }

    fn row(&self, row: usize, terminal: &Terminal) -> String {
        let mut out = String::new();
        let (mut run, mut of): (String, Option<Rgb>) = (String::new(), None);
        for cell in &self.cells[row * self.columns..(row + 1) * self.columns] {
            let sign = match (cell.dots, cell.sign) {
                (0, None) => ' ',
                (0, Some(sign)) => sign,
                (dots, _) => char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' '),
            };
            let color = if sign == ' ' { None } else { cell.color };
            if color != of {
                out.push_str(&of.map_or(run.clone(), |c| paint::colored(&run, c, terminal)));
                run.clear();
                of = color;
            }
            run.push(sign);
        }
        out.push_str(&of.map_or(run.clone(), |c| paint::colored(&run, c, terminal)));
        out
    }
}
