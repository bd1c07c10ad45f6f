fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap();
    for name in args {
        let path = std::path::Path::new(&name);
        let plan = if path.exists() {
            holdline_sim::plan::Plan::load(path).unwrap()
        } else {
            holdline_sim::plan::bundled::scenario(&name).unwrap().unwrap()
        };
        let run = holdline_sim::world::run::run(
            &plan,
            &holdline_sim::subjects::holdline::Holdline,
            holdline_sim::world::run::BackendKind::Event,
        )
        .unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let html = holdline_sim::trace::html::html(stem, &plan, &run);
        println!("{stem}: {} events, {} bytes", run.events.len(), html.len());
        std::fs::write(format!("{folder}/{stem}.html"), html).unwrap();
    }
}
