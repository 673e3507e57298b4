using Tophalf.Linux;

namespace Tophalf.Kernel.Modules;

/// <summary>The modules that can be loaded and those that are (kernel/module/main.c).</summary>
public sealed class ModuleList(Kernel kernel)
{
    private readonly Dictionary<string, Func<LoadableModule>> _files = new() { [TophalfTest.TestModule.ModuleName] = () => new TophalfTest.TestModule() };
    private readonly Dictionary<string, LoadableModule> _loaded = [];

    /// <summary>Files in /lib/modules, without their directory.</summary>
    public IEnumerable<string> Files => _files.Keys.Select(name => name + ".ko");

    /// <summary>The modules that are loaded, the latest first.</summary>
    public IEnumerable<string> Loaded => _loaded.Keys.Reverse();

    public LoadableModule? Find(string name) => _loaded.GetValueOrDefault(name);

    /// <summary>Puts a further module's file beside the others.</summary>
    public void Add(string name, Func<LoadableModule> module) => _files[name] = module;

    /// <summary>init_module: ENOENT without such a file, EEXIST when it is loaded, or what the module's init says.</summary>
    public Errno Insert(string name)
    {
        if (!_files.TryGetValue(name, out Func<LoadableModule>? create)) return Errno.ENOENT;
        if (_loaded.ContainsKey(name)) return Errno.EEXIST;
        LoadableModule module = create();
        Errno error = module.Init(kernel);
        if (error == Errno.None) _loaded[name] = module;
        return error;
    }

    /// <summary>delete_module: ENOENT when it is not loaded.</summary>
    public Errno Remove(string name)
    {
        if (!_loaded.Remove(name, out LoadableModule? module)) return Errno.ENOENT;
        return kernel.RunProcess("rmmod", module.Exit());
    }
}
