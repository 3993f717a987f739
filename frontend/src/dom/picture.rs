//! A picture of whatever size made small enough to be sent.

use super::JsError;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap};

/// How long the longer side may be, in pixels, and how good the picture is then: the first that is small enough.
const TRIES: [(u32, f64); 5] = [(1024, 0.85), (1024, 0.6), (768, 0.6), (512, 0.6), (384, 0.4)];

/// A data URI of JPEG of at most `largest` bytes. The picture stands upright, and on white.
///
/// # Errors
/// The browser cannot read it as a picture.
pub async fn shrink(picture: &Blob, largest: usize) -> Result<String, JsError> {
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    let bitmap = JsFuture::from(window.create_image_bitmap_with_blob(picture)?).await?;
    let bitmap: ImageBitmap = bitmap.unchecked_into();
    let document = window.document().ok_or(JsValue::UNDEFINED)?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    let mut small = String::new();
    for (side, quality) in TRIES {
        paint(&canvas, &bitmap, side)?;
        small = canvas.to_data_url_with_type_and_encoder_options("image/jpeg", &quality.into())?;
        if small.len() <= largest {
            break;
        }
    }
    bitmap.close();
    Ok(small)
}

fn paint(canvas: &HtmlCanvasElement, bitmap: &ImageBitmap, side: u32) -> Result<(), JsValue> {
    let longer = bitmap.width().max(bitmap.height()).max(1);
    let scaled = |length: u32| (u64::from(length) * u64::from(side.min(longer)) / u64::from(longer)).max(1) as u32;
    let (width, height) = (scaled(bitmap.width()), scaled(bitmap.height()));
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d")?.ok_or(JsValue::UNDEFINED)?;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, f64::from(width), f64::from(height));
    context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, f64::from(width), f64::from(height))
}
