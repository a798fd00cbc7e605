using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Rmt.Architecture.Tests;

/// <summary>What an assembly offers, a line a member, sorted: what a user's source can depend on, names and defaults of parameters included.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        foreach (var type in types.Where(IsOffered).OrderBy(Full, StringComparer.Ordinal))
        {
            _ = text.Append(Heading(type)).Append('\n');
            foreach (var line in Members(type).Distinct().Order(StringComparer.Ordinal))
                _ = text.Append("    ").Append(line).Append('\n');
        }
        return text.ToString();
    }

    private static bool IsOffered(Type type) => type.IsVisible || (type.IsNestedFamily && IsOffered(type.DeclaringType!));

    private static string Heading(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            _ when type.IsSubclassOf(typeof(MulticastDelegate)) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var above = new[] { type.BaseType }.Where(b => b is not null && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum) && b != typeof(MulticastDelegate))
            .Concat(type.GetInterfaces().Where(i => i.IsVisible).OrderBy(Full, StringComparer.Ordinal)).Select(b => Name(b!)).ToList();
        return $"{kind} {Full(type)}{(above.Count == 0 || type.IsEnum ? "" : " : " + string.Join(", ", above))}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}");
        if (type.IsSubclassOf(typeof(MulticastDelegate)))
            return [Method(type.GetMethod("Invoke")!)];
        return type.GetMembers(Declared).SelectMany(IEnumerable<string> (member) => member switch
        {
            ConstructorInfo constructor when IsOpen(constructor) => [$"{Access(constructor)}.ctor({Parameters(constructor)})"],
            MethodInfo method when IsOpen(method) && IsWritten(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) => [Method(method)],
            PropertyInfo property when property.GetAccessors(nonPublic: true).Any(IsOpen) => [Property(property)],
            FieldInfo field when field.IsPublic || field.IsFamily => [Field(field)],
            EventInfo @event when IsOpen(@event.AddMethod!) => [$"event {Name(@event.EventHandlerType!)} {@event.Name}"],
            _ => [],
        });
    }

    private static bool IsOpen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    // What the compiler adds to every record says nothing.
    private static bool IsWritten(MethodInfo method) => !method.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Method(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        var kind = method switch
        {
            { IsStatic: true } => "static ",
            { IsAbstract: true } when !method.DeclaringType!.IsInterface => "abstract ",
            { IsVirtual: true, IsFinal: false } when !method.DeclaringType!.IsInterface => method.GetBaseDefinition() == method ? "virtual " : "override ",
            _ => "",
        };
        return $"{Access(method)}{kind}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Property(PropertyInfo property)
    {
        var accessors = property.GetAccessors(nonPublic: true).Where(IsOpen).ToList();
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit") == true;
        var list = accessors.Select(accessor => Access(accessor) + (accessor == property.GetMethod ? "get" : isInit ? "init" : "set")).Order(StringComparer.Ordinal);
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{string.Join(", ", parameters.Select(Parameter))}]" : "";
        return $"{(accessors[0].IsStatic ? "static " : "")}{Name(property.PropertyType)} {property.Name}{index} {{ {string.Join("; ", list)} }}";
    }

    private static string Field(FieldInfo field) => field.IsLiteral
        ? $"const {Name(field.FieldType)} {field.Name} = {Value(field.GetRawConstantValue())}"
        : $"{(field.IsPublic ? "" : "protected ")}{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Name(field.FieldType)} {field.Name}";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var kind = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? parameter.IsIn ? "in " : "ref " : parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        return $"{kind}{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue)}" : "")}";
    }

    private static string Value(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Full(Type type) =>
        type.DeclaringType is { } outer ? $"{Full(outer)}.{Name(type)}" : type.Namespace is { Length: > 0 } space ? $"{space}.{Name(type)}" : Name(type);

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return $"{Name(inner)}?";
        var name = type.Name.Split('`')[0];
        if (!type.IsGenericType)
            return name;
        var own = type.GetGenericArguments().Skip(type.DeclaringType?.GetGenericArguments().Length ?? 0).Select(Name).ToList();
        return own.Count == 0 ? name : $"{name}<{string.Join(", ", own)}>";
    }
}
