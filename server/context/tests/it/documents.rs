//! A folder of documents: found, refreshed, forgotten.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use context::{
    Lookup, Settings, Source,
    sources::{Documents, DocumentsConfig},
};

use crate::{
    support::{all, request, summary},
    waiting::wait_until,
};

fn open(folder: &Path) -> std::sync::Arc<Documents> {
    let config =
        DocumentsConfig { folder: folder.to_owned(), poll_s: 1, base_url: Some("https://wiki.test/files".into()) };
    std::sync::Arc::new(Documents::open(Documents::profile("documents"), config))
}

fn asking(documents: &std::sync::Arc<Documents>) -> Lookup {
    let settings = Settings { deadline: Duration::from_secs(5), ..Settings::default() };
    Lookup::builder(settings).source(std::sync::Arc::clone(documents) as std::sync::Arc<dyn Source>).build()
}

async fn found(lookup: &Lookup, query: &str) -> Vec<(String, String)> {
    let (_, items) = summary(&all(lookup, request("t", 1, query)).await);
    items.into_iter().map(|item| (item.attribution, item.text)).collect()
}

/// One page of a PDF with one line of text.
fn pdf(text: &str) -> Vec<u8> {
    let stream = format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Resources<</Font<</F1 4 0 R>>>>>>".to_owned(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
        format!("<</Length {}>>stream\n{stream}\nendstream", stream.len()),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        let _ = writeln!(file, "{} 0 obj{object}endobj", index + 1);
    }
    let start = file.len();
    let _ = write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(file, "{place:010} 00000 n ");
    }
    let _ = write!(file, "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF", objects.len() + 1);
    file.into_bytes()
}

#[tokio::test]
async fn all_kinds_of_files_are_found_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("team docs")).unwrap();
    fs::write(
        folder.path().join("team docs/falcon plan.md"),
        "# Falcon\n## Deadline\nThe deadline is the third of December.",
    )
    .unwrap();
    fs::write(folder.path().join("kitchen.txt"), "The coffee machine is cleaned on Fridays.").unwrap();
    fs::write(
        folder.path().join("garage.html"),
        "<html><title>Garage</title><body><p>The code of the garage is 4711.</p></body></html>",
    )
    .unwrap();
    fs::write(folder.path().join("contract.pdf"), pdf("The rent for the warehouse is 900 euros.")).unwrap();
    fs::write(folder.path().join(".hidden.md"), "The password of the warehouse").unwrap();
    fs::write(
        folder.path().join("broken.pdf"),
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj trailer<</Root 1 0 R>>",
    )
    .unwrap();
    let documents = open(folder.path());
    documents.indexed().await;
    let lookup = asking(&documents);
    for (query, file, text) in [
        ("when is the Falcon deadline", "team docs/falcon plan.md", "third of December"),
        ("who cleans the coffee machine", "kitchen.txt", "Fridays"),
        ("what's the garage code", "garage.html", "4711"),
        ("how much is the warehouse rent", "contract.pdf", "900 euros"),
    ] {
        let found = found(&lookup, query).await;
        let (path, said) = found.first().unwrap_or_else(|| panic!("nothing for {query}: {:?}", documents.status()));
        assert_eq!(path, file, "{query}");
        assert!(said.contains(text), "{query}: {said}");
    }
    let (_, items) = summary(&all(&lookup, request("t", 1, "the Falcon deadline")).await);
    assert_eq!(items[0].title, "falcon plan › Falcon › Deadline");
    assert_eq!(items[0].url.as_deref(), Some("https://wiki.test/files/team%20docs/falcon%20plan.md"));
    assert_eq!(documents.progress(), (5, 5));
    assert!(documents.status().unwrap().starts_with("5 of 5 files indexed, "), "{:?}", documents.status());
    assert!(documents.status().unwrap().ends_with(", 1 without readable text"), "{:?}", documents.status());
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_until_it_can_and_named_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("big.md"), "gorilla ".repeat(700_000)).unwrap();
    fs::write(folder.path().join("empty.md"), "\n").unwrap();
    fs::write(folder.path().join("kitchen.md"), "The coffee machine is cleaned on Fridays.").unwrap();
    let documents = open(folder.path());
    documents.indexed().await;
    assert_eq!(documents.status().unwrap(), "3 of 3 files indexed, 1 passages, 2 without readable text");
    fs::write(folder.path().join("big.md"), "The gorilla is shipped free.").unwrap();
    fs::remove_file(folder.path().join("empty.md")).unwrap();
    wait_until("both are mended", async || documents.status().unwrap() == "2 of 2 files indexed, 2 passages").await;
}

#[tokio::test]
async fn files_are_found_whatever_they_are_encoded_in() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    let latin = |text: &str| text.chars().map(|c| u8::try_from(c as u32).unwrap()).collect::<Vec<u8>>();
    write("latin1.txt", latin("Der Schüssel für den Kühlschrank liegt im Büro.\n"));
    write(
        "utf16.txt",
        "\u{feff}The rhinoceros password is banana.".encode_utf16().flat_map(u16::to_le_bytes).collect(),
    );
    write("jp.txt", "会議室の暗証番号は九千です。".into());
    write("page.html", latin("<meta charset='iso-8859-1'><p>Das Café öffnet um neun.</p>"));
    write("form.html", b"<form><p>The travel allowance is 42 euro per day.</p></form>".to_vec());
    let documents = open(folder.path());
    documents.indexed().await;
    let lookup = asking(&documents);
    for (query, file) in [
        ("wo liegt der Schüssel für den Kühlschrank", "latin1.txt"),
        ("what is the rhinoceros password", "utf16.txt"),
        ("会議室の暗証番号", "jp.txt"),
        ("wann öffnet das Café", "page.html"),
        ("the travel allowance per day", "form.html"),
    ] {
        let found = found(&lookup, query).await;
        assert_eq!(found.first().map(|(path, _)| path.as_str()), Some(file), "{query}: {found:?}");
    }
}

#[tokio::test]
async fn a_document_that_can_be_opened_nowhere_has_no_link() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.md"), "The Falcon flies.").unwrap();
    let config = DocumentsConfig { folder: folder.path().to_owned(), poll_s: 1, base_url: None };
    let documents = std::sync::Arc::new(Documents::open(Documents::profile("documents"), config));
    documents.indexed().await;
    let (_, items) = summary(&all(&asking(&documents), request("t", 1, "the Falcon flies")).await);
    assert_eq!((items[0].url.as_deref(), items[0].attribution.as_str()), (None, "a.md"));
}

#[tokio::test]
async fn changed_new_and_deleted_files_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.md");
    fs::write(&path, "The Falcon deadline is in December.").unwrap();
    let documents = open(folder.path());
    documents.indexed().await;
    let lookup = asking(&documents);
    assert_eq!(found(&lookup, "Falcon deadline").await.len(), 1);
    fs::write(&path, "The Falcon deadline was moved to the spring, in March.").unwrap();
    wait_until("the change is noticed", async || {
        found(&lookup, "Falcon deadline").await.iter().any(|(_, text)| text.contains("March"))
    })
    .await;
    fs::write(folder.path().join("new.md"), "The Eagle project begins.").unwrap();
    wait_until("the new file is noticed", async || found(&lookup, "Eagle project").await.len() == 1).await;
    fs::remove_file(&path).unwrap();
    wait_until("the deletion is noticed", async || found(&lookup, "Falcon deadline").await.is_empty()).await;
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said_and_is_found_when_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("later");
    let documents = open(&inner);
    documents.indexed().await;
    assert!(documents.status().unwrap().ends_with("the folder cannot be read"));
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("a.md"), "The Falcon flies.").unwrap();
    let lookup = asking(&documents);
    wait_until("the folder is found", async || found(&lookup, "Falcon flies").await.len() == 1).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_out_of_the_folder_is_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.md"), "The Falcon secret.").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.md"), folder.path().join("secret.md")).unwrap();
    let documents = open(folder.path());
    documents.indexed().await;
    assert_eq!(documents.progress(), (0, 0));
}
