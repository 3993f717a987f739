//! The root: it owns the driver, so that unmounting the page ends the conversation.

use crate::service::Service;
use crate::shell::Driver;
use crate::ui::{Dispatch, Page};
use conversation::{Config, Conversation};
use leptos::prelude::*;

/// The whole application.
#[component]
pub fn App() -> impl IntoView {
    // A core that was told nothing shows what a page without a conversation looks like.
    let view = RwSignal::new(Conversation::new(Config::default(), 0).view());
    let service = Service::from_page();
    let driver = Driver::new(Config::default(), service.clone(), view);
    provide_context(service);
    let levels = driver.levels().clone();
    let driver = StoredValue::new_local(driver);
    provide_context(Dispatch::new(move |intent| {
        // After the page has gone there is nobody left who could want something.
        let _ = driver.try_with_value(|driver| driver.intend(intent));
    }));
    view! { <Page view levels /> }
}
