use super::*;

fn templates() -> Templates {
    Templates::new(vec![]).unwrap()
}

#[test]
fn look() {
    let Some(folder) = std::env::var_os("LOOK") else { return };
    for (name, page) in
        [("full", sample::page(&["en", "de", "fr", "bg", "ja"])), ("quiet", sample::quiet_page(&["en", "de"]))]
    {
        for file in page.files(&templates(), sample::now()).unwrap() {
            let path = std::path::Path::new(&folder).join(name).join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file.text).unwrap();
        }
        let forms = [
            ("f1", forms::Form::Subscribe { topic: None, fault: Some(forms::Said::NoAddress) }),
            ("f2", forms::Form::Leave { topic: "Hosted voice".into() }),
            ("f3", forms::Form::Said(forms::Said::Asked)),
        ];
        for (file, form) in forms {
            let html = forms::html(&page, &templates(), &form, "en", 0).unwrap();
            std::fs::write(std::path::Path::new(&folder).join(name).join(format!("{file}.html")), html).unwrap();
        }
    }
}
