#include "cmd/linkspan/cli.hpp"

namespace linkspan
{
namespace
{

constexpr char const* export_passphrase_help =
    "The file with the passphrase of the export; without it, the passphrase is asked for";

}  // namespace

void command_line::add_key_command()
{
    auto* rotate = add(
        app_,
        "rotate-key",
        "Make a new master key and seal every credential anew with it, also while serve runs; goes on where "
        "an earlier one ended",
        "  linkspan rotate-key\n"
        "  linkspan rotate-key --lock\n"
        "  linkspan rotate-key --lock --new-passphrase-file new.passphrase"
    );
    auto* lock =
        rotate->add_flag("--lock", rotate_.locks, "Lock the key file with a passphrase, or with another one");
    rotate->add_flag("--unlock", rotate_.unlocks, "Lock the key file with no passphrase any more")
        ->excludes(lock);
    named(
        rotate->add_option(
            "--new-passphrase-file",
            rotate_.new_passphrase_file,
            "The file with the passphrase for --lock; without it, the passphrase is asked for"
        ),
        "FILE"
    );
    commands_.push_back(
        {rotate,
         [this](terminal& on)
         {
             fill(rotate_);
             return rotate_key(on, rotate_);
         }}
    );
}

void command_line::add_bundle_commands()
{
    auto* out =
        add(app_,
            "export-links",
            "Write links with their credentials into a file, encrypted with a passphrase",
            "  linkspan export-links links.export\n"
            "  linkspan export-links slack.export slack\n"
            "  linkspan export-links - --export-passphrase-file export.passphrase > links.export");
    named(out->add_option("FILE", export_.file, "A new file; - for standard output"), "")->required();
    named(out->add_option("LINK", export_.links, "The id or name of a link; none: all"), "");
    named(
        out->add_option("--export-passphrase-file", export_.passphrase_file, export_passphrase_help), "FILE"
    );
    commands_.push_back(
        {out,
         [this](terminal& on)
         {
             fill(export_);
             return export_links(on, export_);
         },
         true,
         true}
    );

    auto* in =
        add(app_,
            "import-links",
            "Take in links that export-links wrote",
            "  linkspan import-links links.export --dry-run\n"
            "  linkspan import-links links.export\n"
            "  linkspan import-links links.export slack --replace");
    named(in->add_option("FILE", import_.file, "The export; - for standard input"), "")->required();
    named(in->add_option("LINK", import_.links, "The id or name of a link in it; none: all"), "");
    named(
        in->add_option("--export-passphrase-file", import_.passphrase_file, export_passphrase_help), "FILE"
    );
    in->add_flag("--replace", import_.replaces, "Put them in place of links with the same id or name");
    in->add_flag("--dry-run", import_.only_tells, "Say what would be done, and change nothing");
    commands_.push_back(
        {in,
         [this](terminal& on)
         {
             fill(import_);
             return import_links(on, import_);
         }}
    );
}

}  // namespace linkspan
