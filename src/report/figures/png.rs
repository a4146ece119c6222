use super::model::Figure;
use super::svg::FONT;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::{Arc, OnceLock};

/// How many points of a picture one pixel of the drawing gets to each side.
const SCALE: f32 = 2.0;

/// The font, and no other: a picture looks the same on every machine.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let made = FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(FONT.to_vec());
        fonts.set_sans_serif_family("Liberation Sans");
        Arc::new(fonts)
    });
    made.clone()
}

impl Figure {
    /// The figure as a PNG file, two points for each pixel of its SVG.
    ///
    /// # Errors
    /// If the picture does not fit into memory; says so in words.
    pub fn png(&self) -> Result<Vec<u8>, String> {
        let options = Options {
            fontdb: fonts(),
            font_family: "Liberation Sans".into(),
            image_rendering: resvg::usvg::ImageRendering::OptimizeSpeed,
            ..Options::default()
        };
        let tree = Tree::from_str(&self.svg(), &options).map_err(|e| e.to_string())?;
        let size = tree.size().to_int_size().scale_by(SCALE).ok_or("it is too large for a picture")?;
        let mut picture = Pixmap::new(size.width(), size.height()).ok_or("it is too large for a picture")?;
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
        picture.encode_png().map_err(|e| e.to_string())
    }
}
